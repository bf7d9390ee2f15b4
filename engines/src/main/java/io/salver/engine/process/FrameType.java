package io.salver.engine.process;

/** What a frame is. docs/reference/worker-protocol.md describes them. */
enum FrameType {
  HELLO(1),
  RUN(2),
  RESULT(3),
  ERROR(4),
  PING(5),
  PONG(6);

  private final int code;

  FrameType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
