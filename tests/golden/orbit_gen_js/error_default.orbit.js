4:21 a component cannot be exported by a list; write export default before it
