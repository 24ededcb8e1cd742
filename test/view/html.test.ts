import { expect, test } from 'vitest';
import { html } from '../../src/view/html.js';

test('what is put in is escaped; what the tag made is not escaped again', () => {
  const name = `<b a="1" c='2'>&`;
  const inner = html`<i>${name}</i>`;
  expect(html`<p title="${name}">${inner}${[inner, 'x<', 3]}${undefined}</p>`.text).toBe(
    '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;">' +
      '<i>&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;</i><i>&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;</i>x&lt;3</p>',
  );
});
