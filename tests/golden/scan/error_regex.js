let x = /abc
/