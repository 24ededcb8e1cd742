// Stands for PM2's program of this name: unpacks the variables of the app and runs it.
const settings = JSON.parse(process.env.pm2_env);
Object.assign(process.env, settings);
delete process.env.pm2_env;
require(settings.pm_exec_path);
