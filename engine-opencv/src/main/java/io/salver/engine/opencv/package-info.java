/**
 * Caffe networks, by OpenCV's dnn. A plug-in: see {@code docs/how-to/caffe.md}.
 *
 * <p>Public face: {@code CaffeEngine}.
 */
@NullMarked
package io.salver.engine.opencv;

import org.jspecify.annotations.NullMarked;
