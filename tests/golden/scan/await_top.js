const f = async () => 1
const [x] = [async () => await 2, await 3];
