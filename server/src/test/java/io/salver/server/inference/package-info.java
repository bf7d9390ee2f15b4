/** Fakes of what a front end stands between: a call, its loop, and the models. */
@NullMarked
package io.salver.server.inference;

import org.jspecify.annotations.NullMarked;
