// Style sheet of the page, light and dark. A service's colour is the hue that its elements carry as
// --hue.

export const PAGE_STYLE = `
:root { color-scheme: light dark; --bg: #f6f7f9; --panel: #fff; --text: #1a2230; --dim: #647084; --line: #e1e5eb; --hover: #eef2f8; --accent: #2f6fde;
  --error: #c8322b; --error-bg: #fdeeed; --warn: #a96500; --bar-light: 52%; --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --bg: #10141b; --panel: #181e28; --text: #e4e9f1; --dim: #93a0b4; --line: #2a3342; --hover: #212a38; --accent: #7ba9ff;
  --error: #ff7b72; --error-bg: #3a1d20; --warn: #e3b341; --bar-light: 58%; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / 22rem 1fr; background: var(--bg); color: var(--text); font: 14px/1.45 system-ui, "DejaVu Sans", sans-serif; }
a { color: inherit; text-decoration: none; }
header { grid-column: 1 / 3; display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1.2rem; padding: .6rem 1rem; background: var(--panel); border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1rem; } h1 a { color: var(--accent); }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; }
input[type=search], select, button { font: inherit; color: inherit; padding: .25rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); }
input[type=search] { width: 22rem; font-family: var(--mono); font-size: .86rem; } button { cursor: pointer; } button:hover { border-color: var(--accent); }
#stats { margin-left: auto; color: var(--dim); } .stale #stats::after { content: " · viewer has stopped"; color: var(--error); }
#list { overflow: auto; border-right: 1px solid var(--line); background: var(--panel); }
#list a { display: block; padding: .5rem .8rem .55rem; border-bottom: 1px solid var(--line); border-left: 3px solid transparent; }
#list a:hover { background: var(--hover); } #list a[aria-current] { background: var(--hover); border-left-color: var(--accent); }
.item { display: flex; gap: .5rem; align-items: center; } .item b { flex: 1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.item .dim { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dim { color: var(--dim); } .small { font-size: .86em; } .mono { font-family: var(--mono); font-size: .86em; } .error { color: var(--error); } .warn { color: var(--warn); }
.badge { padding: 0 .45em; border-radius: 9px; font-size: .8em; color: var(--error); background: var(--error-bg); white-space: nowrap; }
.dot::before { content: ""; display: inline-block; width: .62em; height: .62em; margin-right: .4em; border-radius: 50%; background: hsl(var(--hue) 60% var(--bar-light)); }
.services { display: flex; flex-wrap: wrap; gap: .1rem .8rem; }
main { overflow: auto; padding: 1rem 1.2rem 3rem; min-width: 0; }
h2 { margin: 0 0 .2rem; font-size: 1.15rem; overflow-wrap: anywhere; } h3 { margin: 1.6rem 0 .4rem; font-size: .95rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin-bottom: .9rem; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.row, .axis { display: grid; grid-template-columns: minmax(12rem, 36%) 5.2rem 1fr; align-items: center; gap: .6rem; padding-right: 1rem; }
.axis { color: var(--dim); font-size: .8em; border-bottom: 1px solid var(--line); }
.axis .duration { font-size: 1em; } .ticks { position: relative; height: 1.9rem; line-height: 1.9rem; } .ticks span { position: absolute; padding-left: .35em; border-left: 1px solid var(--line); } .ticks span:last-child { transform: translateX(-100%); padding: 0; border: 0; }
summary.row { cursor: pointer; list-style: none; min-height: 1.75rem; border-bottom: 1px solid var(--line); } summary::-webkit-details-marker { display: none; }
summary.row:hover, details[open] > summary.row { background: var(--hover); } details:target > summary.row { outline: 2px solid var(--accent); outline-offset: -2px; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.name { display: flex; align-items: center; overflow: hidden; white-space: nowrap; padding-left: .7rem; } .name b { font-weight: 500; overflow: hidden; text-overflow: ellipsis; }
.tree { font-family: var(--mono); color: var(--dim); white-space: pre; flex: none; } .kind { margin-left: .5em; font-size: .78em; color: var(--dim); flex: none; }
.failed .name b { color: var(--error); font-weight: 600; } .duration { text-align: right; font-variant-numeric: tabular-nums; color: var(--dim); font-size: .88em; }
.track { position: relative; height: 1.75rem; background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px 25%); }
.bar { position: absolute; top: .5rem; height: .75rem; min-width: 3px; border-radius: 3px; background: hsl(var(--hue) 60% var(--bar-light)); }
.failed .bar { box-shadow: 0 0 0 2px var(--error); }
.mark { position: absolute; top: .35rem; width: 2px; height: 1.05rem; margin-left: -1px; background: var(--text); opacity: .65; } .mark.error { background: var(--error); opacity: 1; }
.details { padding: .6rem 1rem 1rem 1.6rem; border-bottom: 1px solid var(--line); background: var(--bg); }
.details h4 { margin: .8rem 0 .2rem; font-size: .82rem; color: var(--dim); } .details > :first-child { margin-top: 0; }
.details table { font-size: .92em; } table { border-collapse: collapse; width: 100%; } td { padding: .12rem .8rem .12rem 0; vertical-align: top; overflow-wrap: anywhere; white-space: pre-wrap; } td:first-child { white-space: nowrap; color: var(--dim); width: 1%; }
.logs td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); } .logs tr:last-child td { border-bottom: 0; } .logs td:not(:nth-child(4)) { white-space: nowrap; width: 1%; } .pair { margin-left: .5em; color: var(--dim); font-family: var(--mono); font-size: .82em; } summary.pair { cursor: pointer; } .logs pre { white-space: pre; max-width: 60vw; } .logs a:hover { text-decoration: underline; }
pre { margin: .5rem 0; padding: .7rem .9rem; border-radius: 8px; background: var(--panel); border: 1px solid var(--line); overflow: auto; font-family: var(--mono); font-size: .88em; }
.empty { max-width: 46rem; margin: 12vh auto 0; } #list .more { margin: .8rem; } #list .more a { padding: .3rem 0; border: 0; color: var(--accent); } #list .empty { margin: 2rem 1rem; }
@media (max-width: 60rem) { body { height: auto; grid-template: auto auto auto / 1fr; } header { grid-column: 1; } #list { max-height: 40vh; border-right: 0; } input[type=search] { width: 100%; } .row, .axis { grid-template-columns: minmax(9rem, 50%) 4.4rem 1fr; } .kind, .ticks span:not(:first-child):not(:last-child) { display: none; } }
`;
