/** Fakes, fake clocks, seeded generators and checks for tests. Not shipped. */
@NullMarked
package io.salver.testkit;

import org.jspecify.annotations.NullMarked;
