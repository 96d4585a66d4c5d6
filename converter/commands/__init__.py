"""The commands of the program: each is the parsing of arguments and one call of the library."""
