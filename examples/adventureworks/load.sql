-- Loads the AdventureWorks files of this folder into typed tables, for psql: psql -d adventureworks -f load.sql
\set ON_ERROR_STOP on
SET client_encoding = 'UTF8';
SET datestyle = 'ISO, MDY';
BEGIN;

-- The values as they are in the file: amounts such as "$90,000 ", and NA for an unknown gender. HEADER also skips the
-- byte-order mark.
CREATE TEMPORARY TABLE customer_lines (
  customer_key integer, prefix text, first_name text, last_name text, birth_date date, marital_status text, gender text,
  email text, annual_income text, total_children smallint, education_level text, occupation text, home_owner text
);
\copy customer_lines FROM 'AdventureWorks_Customers.csv' WITH (FORMAT csv, HEADER true)

CREATE TABLE customers (
  customer_key integer PRIMARY KEY,
  email text NOT NULL UNIQUE,
  first_name text NOT NULL,
  last_name text NOT NULL,
  birth_date date,
  marital_status text,
  gender text,
  annual_income numeric(12, 2),
  total_children smallint,
  education_level text,
  occupation text,
  home_owner boolean
);
INSERT INTO customers
SELECT customer_key, email, first_name, last_name, birth_date, marital_status, nullif(gender, 'NA'),
  translate(annual_income, '$, ', '')::numeric, total_children, education_level, occupation, home_owner = 'Y'
FROM customer_lines;

CREATE TABLE products (
  product_key integer PRIMARY KEY, product_subcategory_key integer, product_sku text, product_name text, model_name text,
  product_description text, product_color text, product_size text, product_style text,
  product_cost numeric(18, 4), product_price numeric(18, 4)
);
\copy products FROM 'AdventureWorks_Products.csv' WITH (FORMAT csv, HEADER true)

-- Four pairs of lines share an order and a line number, so that these are no key.
CREATE TABLE sales (
  order_date date, stock_date date, order_number text, product_key integer REFERENCES products, customer_key integer,
  territory_key integer, order_line_item integer, order_quantity integer
);
\copy sales FROM 'AdventureWorks_Sales_2017.csv' WITH (FORMAT csv, HEADER true)
\copy sales FROM 'AdventureWorks_Sales_2018.csv' WITH (FORMAT csv, HEADER true)
\copy sales FROM 'AdventureWorks_Sales_2019.csv' WITH (FORMAT csv, HEADER true)

COMMIT;
