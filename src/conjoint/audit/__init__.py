"""Is this wave fit to analyse? Design, randomisation, order, quality, bases: one verdict each."""
