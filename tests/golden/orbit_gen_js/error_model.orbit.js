1:27 o-model needs something that can be assigned to; name a member, as in o-model="user.name"
1:50 o-model needs something that can be assigned to; name a member, as in o-model="user.name"
1:95 o-model would change a variable of the template only; name the entry of the list, as in o-model="list[i]"
