"""``python -m kindred COMMAND`` runs the kindred program."""

from _kindred_program import main

if __name__ == "__main__":
    main()
