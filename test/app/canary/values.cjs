// Values that name the place they are put. See main.cjs.
const CARD = '4111111111111111';

/** An e-mail address, a card number in two ways of writing, a bearer token and a password. */
exports.marked = (place) => `kanarie-${place}@example.org ${CARD} 4111-1111-1111-1111 Bearer kanarie_${place} pw=kanarie.${place}`;
exports.word = (place) => `kanarie-${place}`;
exports.CARD = CARD;
/** Calls it, and swallows its failure as an app might. */
exports.caught = (call) =>
  Promise.resolve()
    .then(call)
    .catch(() => undefined);
exports.event = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));
