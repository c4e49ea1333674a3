"""What tests share: servers, cases, builders."""
