/** gRPC's interoperability suite against the gRPC layer. */
package io.salver.it.grpc;
