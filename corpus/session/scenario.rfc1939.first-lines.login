USER u
ÿ|PASS p
