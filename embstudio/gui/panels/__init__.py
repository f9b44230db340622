"""One panel a file. Panels read the studio and do not know each other."""
