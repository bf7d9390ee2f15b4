/** Tests of the whole server, with clients that others wrote. */
@NullMarked
package io.salver.it;

import org.jspecify.annotations.NullMarked;
