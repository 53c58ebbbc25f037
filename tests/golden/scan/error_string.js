import 'a';
let x = 'abc
