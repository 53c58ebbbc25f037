3:1 the code exports no component; write export default class NAME { }, or a function that returns an object
