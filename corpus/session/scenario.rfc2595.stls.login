STLS
ÿtUSER u
ÿ|PASS p
