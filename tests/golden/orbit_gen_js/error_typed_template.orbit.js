1:19 types in a template need a compiler that orbiton does not have yet; leave the types out
