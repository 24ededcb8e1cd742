// The preload that the doctor adds. It does not count as a start of the app's, and forgets the file of the usual preload, which so runs again where the
// app has it too: only that tells whether the app is observed without the doctor.
import { discountStart } from '../diagnose/start-count.js';

discountStart();
const register = require.resolve('./register.js');
delete require.cache[register];
require(register);
delete require.cache[register];
