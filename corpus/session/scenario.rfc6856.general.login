USER u
ÿ|PASS p
ÿ|LANG MUL
