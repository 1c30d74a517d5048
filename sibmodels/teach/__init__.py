"""For classes: a game of negotiation, answers that check themselves, and coding sheets."""
