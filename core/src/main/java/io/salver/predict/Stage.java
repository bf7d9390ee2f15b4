package io.salver.predict;

/** The parts of a request's way that are timed, in order. */
public enum Stage {
  /** From the request's last byte to its tensors. */
  DECODE,
  /** Waiting for a place to run. */
  QUEUE,
  /** Gathering and padding, once a place was there. */
  BATCH,
  /** In the engine. */
  RUN,
  /** From the output tensors to the answer's bytes. */
  ENCODE
}
