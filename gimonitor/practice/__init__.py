"""The practice marketplace: an invented shop portal on loopback on which the whole way can be walked and tested."""
