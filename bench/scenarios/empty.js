// An empty script, but for the report.
require('./measured.js');
