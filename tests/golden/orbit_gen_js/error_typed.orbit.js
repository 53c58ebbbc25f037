3:32 types in a component need a compiler that orbiton does not have yet; leave the types out (lang="js"), or keep typed code in a .ts file
