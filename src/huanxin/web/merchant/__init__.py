"""Pages of shops and makers: the till, claims, statements, models and prices."""
