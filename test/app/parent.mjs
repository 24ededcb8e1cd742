// Usage: node test/app/parent.mjs
// Has a child that ignores SIGTERM, as it does itself.
import { spawn } from 'node:child_process';

const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
const child = spawn(process.execPath, ['-e', stubborn], { stdio: 'ignore' });
process.on('SIGTERM', () => {});
console.log(`child ${child.pid}`);
