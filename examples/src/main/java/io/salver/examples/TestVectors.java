package io.salver.examples;

import io.salver.examples.eta.EtaModel;
import io.salver.examples.eta.EtaVersions;
import io.salver.examples.eta.Order;
import java.util.List;
import java.util.StringJoiner;

/** Orders with the answers of every version, as JSON, for tests of whatever serves the model. */
final class TestVectors {
  private TestVectors() {}

  static String toJson(EtaVersions versions) {
    StringJoiner rows = new StringJoiner(",\n", "[\n", "\n]\n");
    for (Order order : versions.testOrders()) {
      rows.add(
          "  {\"instance\": %s,\n   \"minutes\": %s}"
              .formatted(instance(order), answers(versions.models(), order)));
    }
    return rows.toString();
  }

  private static String instance(Order order) {
    StringJoiner members = new StringJoiner(", ", "{", "}");
    for (int i = 0; i < Order.NAMES.size(); i++) {
      members.add("\"" + Order.NAMES.get(i) + "\": " + order.values().get(i));
    }
    return members.toString();
  }

  private static String answers(List<EtaModel> models, Order order) {
    StringJoiner members = new StringJoiner(", ", "{", "}");
    for (EtaModel model : models) {
      members.add("\"" + model.version() + "\": " + model.minutes(order));
    }
    return members.toString();
  }
}
