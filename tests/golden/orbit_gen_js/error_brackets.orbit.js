3:34 expected ']' before this bracket; 
