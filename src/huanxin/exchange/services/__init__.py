"""The only code that writes exchange's tables, by aggregate; import the submodule you need."""
