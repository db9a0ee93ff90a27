ÿ3USER u
ÿ|PASS p
