







import type { Api } from './api';
import { type Item, makeItem as made, url } from './items.js';

interface Props { title: string; start?: number }
type Row<T> = { row: T, at: Map<string, number> };
enum Level { Low, High }
const known: Map<string, number> = new Map<string, number>();
const limit: number = rows<number>([]).length!
function plain(): string extends 'a' ? 1 : 2 { return 2; }

function rows<T>(list: T[]): T[];
function rows<T>(list: T[]): { length: number } { return list; }

               class Typed<T extends { a: number }> extends Base<T> implements Row<Item> {
    private title!: string;
    declare start: number;
    items: Item[] = [made('a') as Item];
    row = null!; at = known;
    el: HTMLElement = null!
    name = 'member'
    constructor(private readonly api: Api, props?: Props) { super(); }
    get first(): Item | undefined { return this.items[0]; }
    drop(item: Item, level: number): void { this.items = this.items.filter((each) => each !== item); }
}

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/typed.orbit", "6db210c4be060c61", $wrap(Typed, { name: "Typed",
render() { const $self = this;
const $r0 = { up: null, s0: (($self.item as Item).title), s1: ($self.first!.title), s2: (rows<Item>($self.items).length), s4: (Level.High), s5: (url), s6: ($self.api.name), s7: (known.size), s8: (limit), s9: (plain()), s10: ($self.name), s11: ($self.first! as Item), s12: (limit as number extends 5 ? 1 : 2), c1: undefined };
$r0.c1 = $each(($self.items as Item[]), (item) => {
const $r1 = { up: $r0, v: [item], s3: (item.title satisfies string) };
return $r1;
});
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let item = $r.v[0]; let event = $event; return ($self.drop(item, Level.High as number)); },
function ($r, $event) { const $self = this; let event = $event; return ($self.first!.pick)($event); },
function ($r, $event) { const $self = this; let event = $event; $self.first!.title = $event.detail; },
],
}));
if (import.meta.hot) import.meta.hot.accept();
