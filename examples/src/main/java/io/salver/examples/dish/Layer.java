package io.salver.examples.dish;

/** One colour inside an outline; a drawing is a list of them, the uppermost last. */
record Layer(Outline outline, Rgb color) {}
