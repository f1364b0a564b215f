/** The look of `/docs`: system fonts, two schemes, no asset from elsewhere. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f6f2; --sheet: #fffefb; --ink: #1d2427; --soft: #5b666b; --line: #dedbd2;
  --deep: #0b6470; --wash: #e3efee; --code-bg: #16262b; --code-ink: #d8e6e6; --code-dim: #8fa9ab;
  --get: #0b6470; --post: #3d6b1f; --put: #8a5a00; --patch: #7a4a8c; --delete: #a3312a;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", Cantarell, sans-serif;
  --mono: ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12181a; --sheet: #182023; --ink: #e2e7e6; --soft: #93a1a3; --line: #2a3538;
    --deep: #6cc4cb; --wash: #1c2f33; --code-bg: #0d1416; --code-ink: #cfdedd; --code-dim: #7c9497;
    --get: #6cc4cb; --post: #a3cf7a; --put: #e2b45a; --patch: #cfa0e0; --delete: #ef9189;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans); }
a { color: var(--deep); text-decoration-thickness: 1px; text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--deep); outline-offset: 2px; border-radius: 3px; }
code { font: 0.88em var(--mono); background: var(--wash); padding: 0.1em 0.35em; border-radius: 4px; }
.frame { display: grid; grid-template-columns: 18.5rem minmax(0, 1fr); }
nav {
  position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto;
  padding: 1.75rem 1.25rem 2rem 1.75rem; border-right: 1px solid var(--line); font-size: 0.875rem;
}
.brand { display: flex; align-items: baseline; gap: 0.5rem; margin-bottom: 1.25rem; }
.brand b { font-size: 1.15rem; letter-spacing: -0.01em; }
.brand span { color: var(--soft); font: 0.8rem var(--mono); }
nav input {
  width: 100%; margin-bottom: 0.5rem; padding: 0.45rem 0.65rem; font: inherit; color: inherit;
  background: var(--sheet); border: 1px solid var(--line); border-radius: 6px;
}
nav h2 { margin: 1.35rem 0 0.35rem; font-size: 0.8rem; font-weight: 600; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a {
  display: grid; grid-template-columns: 3.1rem 1fr; gap: 0.4rem; align-items: baseline;
  padding: 0.22rem 0.5rem; margin-left: -0.5rem; border-radius: 5px; color: inherit; text-decoration: none;
}
nav li a:hover { background: var(--wash); }
nav li.plain a { display: block; }
.verb { font: 600 0.7rem var(--mono); }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); }
.patch { color: var(--patch); } .delete { color: var(--delete); }
main { padding: 2.5rem 3rem 6rem; max-width: 82rem; }
header { max-width: 46rem; margin-bottom: 2.5rem; }
h1 { margin: 0 0 0.5rem; font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.025em; }
header p { margin: 0.6rem 0; color: var(--soft); }
header code { color: var(--ink); white-space: nowrap; }
header figure { margin-top: 1.5rem; }
section > h2 {
  margin: 3.5rem 0 0.25rem; padding-top: 1.5rem; border-top: 2px solid var(--ink);
  font-size: 1.5rem; letter-spacing: -0.015em;
}
section > h2 + p { margin: 0 0 1.5rem; color: var(--soft); max-width: 46rem; }
article {
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 26rem); gap: 0 2.5rem;
  padding: 2rem 0; border-top: 1px solid var(--line);
}
h2 + p + article, h2 + article { border-top: 0; padding-top: 0.75rem; }
article h3 { margin: 0; font-size: 1.15rem; letter-spacing: -0.01em; }
article h3 a { color: inherit; text-decoration: none; }
article h3 a:hover { text-decoration: underline; }
.path { margin: 0.2rem 0 0.6rem; font: 0.9rem var(--mono); overflow-wrap: anywhere; }
.path .verb { font-size: 0.9rem; margin-right: 0.35rem; }
.path i { font-style: normal; color: var(--soft); }
article p { margin: 0.5rem 0; }
h4 { margin: 1.4rem 0 0.2rem; font-size: 0.85rem; font-weight: 600; color: var(--soft); }
dl { margin: 0; border-top: 1px solid var(--line); font-size: 0.92rem; }
dl > div {
  display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: 0 1rem; padding: 0.45rem 0;
  border-bottom: 1px solid var(--line);
}
dt { font: 0.85rem/1.7 var(--mono); overflow-wrap: anywhere; }
dt small { display: block; font: 0.78rem/1.4 var(--sans); color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.statuses > div { grid-template-columns: 3.2rem minmax(0, 1fr); }
dd dl { margin-top: 0.4rem; border-top-style: dashed; }
dd dl > div { grid-template-columns: 8.5rem minmax(0, 1fr); border-bottom-style: dashed; }
dd dl > div:last-child { border-bottom: 0; padding-bottom: 0; }
dd .kind { color: var(--soft); font-size: 0.85rem; }
.status { font-weight: 600; }
.side { align-self: start; position: sticky; top: 1.5rem; }
figure, details { margin: 0 0 1rem; background: var(--code-bg); color: var(--code-ink); border-radius: 8px; overflow: hidden; }
figcaption {
  display: flex; justify-content: space-between; align-items: center; gap: 1rem;
  padding: 0.4rem 0.5rem 0 0.9rem; font-size: 0.78rem; color: var(--code-dim); min-height: 2rem;
}
pre { margin: 0; padding: 0.35rem 0.9rem 0.85rem; font: 0.8rem/1.55 var(--mono); overflow-x: auto; max-height: 24rem; }
pre.shell { white-space: pre-wrap; overflow-wrap: anywhere; }
summary { padding: 0.45rem 0.9rem; font-size: 0.78rem; color: var(--code-dim); cursor: pointer; }
details[open] summary { padding-bottom: 0.1rem; }
details + details { margin-top: -0.6rem; }
button {
  font: inherit; color: var(--code-ink); background: transparent; border: 1px solid #ffffff2e;
  border-radius: 5px; padding: 0.1rem 0.55rem; cursor: pointer;
}
button:hover { background: #ffffff14; }
.schema { grid-template-columns: minmax(0, 46rem); }
[hidden] { display: none !important; }
@media (max-width: 72rem) {
  article { grid-template-columns: minmax(0, 1fr); }
  .side { position: static; margin-top: 1.25rem; }
}
@media (max-width: 52rem) {
  .frame { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1.25rem; }
  nav .lists { max-height: 40vh; overflow-y: auto; }
  main { padding: 1.5rem 1.25rem 4rem; }
  dl > div { grid-template-columns: minmax(0, 1fr); }
}
`;
