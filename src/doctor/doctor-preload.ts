// The preload that the doctor adds. It does not count as a start of the app, and removes
// register.js from the cache, so that it runs again where the app preloads it too: only so the
// doctor knows whether the app is observed without it.
import { discountStart } from '../diagnose/start-count.js';

discountStart();
const register = require.resolve('./register.js');
delete require.cache[register];
require(register);
delete require.cache[register];
