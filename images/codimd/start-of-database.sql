SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS notes (name text PRIMARY KEY, content text NOT NULL);
