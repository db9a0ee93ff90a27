STLS
USER u
ÿtPASS p
