import 'side';import"tight";import a0,{b as c0}from'min';
import d from "default"; import * as ns from 'namespace';
import def, * as ns2 from 'both'; import def2, { } from "empty";
import { x, y as z, default as q, "string name" as w, "\u{1f600}" as smile, as as as, from, of } from './names.js';
import source from 'binding-source'; import defer, { source as s2 } from 'binding-defer'; import type from 'binding-type'
import from1 from 'from'
import /* a */ { /* b */ k /* c */ , // d
    l } /* e */ from /* f */ 'comments' /* g */ ;
import json from './a.json' with { type: 'json' };
import json2 from './b.json' with
    { 'type': "js\u006fn", other: 'x', }
import './escaped\x2ejs'; import "q'uo\"te"; import ''; import './\u{1F600}'; import 'li\
ne'; import './ü/€.js';
(async () => { await import("dyn1"); await import('dyn2',); await import(`dyn3`); import("dyn4", { with: { type: 'json' } }) })();
import(import("inner")); import("a" + "b"); import(`x${1}`); import ( /* c */ 'spaces' ) ; import(("paren"));
import(/* @vite-ignore */ ns); import(
    /* webpackChunkName: "x" */
    "multi"
); import(a0, { with: { type: "json" } }); import(x => (x, y));
import.meta; import . /* c */ meta . url; [...import.meta.url];
export default import("tail");
