"""A store in PostgreSQL, of version 15 and later, through psycopg 3."""
