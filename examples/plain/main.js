import { startCounter } from './counter.js';
import { startList } from './list.js';

startCounter(document.querySelector('#count'));
startList(document.querySelector('#list'), document.querySelector('#text'),
    document.querySelector('#add'));
