/** TensorFlow Serving's protocols. */
@NullMarked
package io.salver.server.tfserving;

import org.jspecify.annotations.NullMarked;
