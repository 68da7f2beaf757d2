"""How sure an answer is: what is fitted to an encoder, and measured on what the fit did not see."""
