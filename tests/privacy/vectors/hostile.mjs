// Pages that try to run something where they are replayed. `code` is what they run, `script` an address of it, `away` an address that
// must not be gone to; `changes` come after the first picture. V39.
const quoted = (code) => code.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

export const hostile = {
  "a script": { html: ({ code }) => `<script>${code}</script>` },
  "a script from elsewhere": { html: ({ script }) => `<script src="${script}"></script>` },
  "a module": { html: ({ script }) => `<script type="module">import "${script}"</script>` },
  "a picture that fails": { html: ({ code }) => `<img src="data:image/png;base64,AA" onerror="${quoted(code)}">` },
  "a drawing that loads": { html: ({ code }) => `<svg onload="${quoted(code)}"><rect/></svg>` },
  "a drawing's script": { html: ({ code }) => `<svg><script>${code}</script></svg>` },
  "an animation that begins": { html: ({ code }) => `<svg><animate onbegin="${quoted(code)}" attributeName="x" dur="1s"/></svg>` },
  "a link that runs": { html: ({ code }) => `<a data-press href="javascript:${quoted(code)}">x</a>` },
  "a link that runs, written strangely": { html: ({ code }) => `<a data-press href=" jAvA&#9;script:${quoted(code)}">x</a>` },
  // The pointer goes there.
  "a drawing's link that runs": { html: ({ code }) => `<svg width="99" height="99"><a href="javascript:${quoted(code)}"><rect width="99" height="99"/></a></svg>` },
  "a frame with a page of its own": { html: ({ code }) => `<iframe srcdoc="${quoted(`<script>${code}</script>`)}"></iframe>` },
  "a frame that runs": { html: ({ code }) => `<iframe src="javascript:${quoted(code)}"></iframe>` },
  "an object that is a page": { html: ({ code }) => `<object type="text/html" data="data:text/html;base64,${Buffer.from(`<script>${code}</script>`).toString("base64")}"></object>` },
  "an embedded page": { html: ({ code }) => `<embed type="text/html" src="data:text/html;base64,${Buffer.from(`<script>${code}</script>`).toString("base64")}">` },
  "a page that leads away": { head: ({ away }) => `<meta http-equiv="refresh" content="0; url=${away}">` },
  "a form that is sent": { html: ({ away }) => `<form action="${away}" method="post" target="_top"><button data-press>x</button></form>` },
  "a form that runs": { html: ({ code }) => `<form action="javascript:${quoted(code)}"><button data-press>x</button></form>` },
  "a link that leads the whole window away": { html: ({ away }) => `<a data-press target="_top" href="${away}">x</a>` },
  "a link to a new window": { html: ({ away }) => `<a data-press target="_blank" href="${away}">x</a>` },
  "a field that wants the focus": { html: ({ code }) => `<input autofocus data-focus onfocus="${quoted(code)}">` },
  "details that open": { html: ({ code }) => `<details open ontoggle="${quoted(code)}"><summary>x</summary></details>` },
  "something that is pressed": { html: ({ code }) => `<button data-press onclick="${quoted(code)}">x</button>` },
  "a handler that comes later": {
    html: ({ code }) => `<button id="late" data-press onclick="${quoted(code)}">x</button>`,
    changes: ({ code }) => [{ id: "late", onclick: code }, { id: "late", onfocus: code }],
  },
  "a frame's page that comes later": {
    html: ({ code }) => `<iframe id="late" srcdoc="${quoted(`<script>${code}</script>`)}"></iframe>`,
    changes: ({ code }) => [{ id: "late", srcdoc: `<script>${code}</script>` }],
  },
  "an address that comes later": {
    html: ({ code }) => `<iframe id="late" src="javascript:${quoted(code)}"></iframe>`,
    changes: ({ code }) => [{ id: "late", src: `javascript:${code}` }],
  },
};
