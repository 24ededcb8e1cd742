// A plain HTTP server, as Deno's beside it.
const { serve } = require('./measured.js');

serve((_request, response) => {
  response.setHeader('content-type', 'text/plain').end('hello');
});
