package io.salver.it;

import java.util.List;

/** A client that calls without pause until the server has gone. */
sealed interface DrainClient extends Runnable permits GrpcDrainClient, HttpDrainClient {
  /** How many calls were answered so far. */
  long answered();

  /** The calls that were accepted and not answered, or answered wrongly. */
  List<String> problems();
}
